package dev.reveille.contract;

/**
 * A group of sentences of the contract. The tests are default methods, so that one class has all.
 */
public interface ContractGroup {

  /**
   * The equipment of the running test.
   *
   * @return a rig that is closed after the test
   */
  Rig rig();
}
